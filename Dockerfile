# The image is made of the package that `npm pack` makes, so that both run the same code.
#
#   docker build -t pullgate .
#
# BASE_IMAGE may be pinned by its digest: --build-arg BASE_IMAGE=node@sha256:…
ARG BASE_IMAGE=node:24.21.0-bookworm-slim

# Compiles and packs; nothing of this stage but the package gets on.
FROM ${BASE_IMAGE} AS package
ARG PULLGATE_COMMIT=unknown
ARG SOURCE_DATE_EPOCH=
ENV PULLGATE_COMMIT=${PULLGATE_COMMIT} SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH}
WORKDIR /source
COPY . .
RUN npm ci --no-audit --no-fund && npm pack --pack-destination /tmp && mkdir /package \
  && tar -xzf /tmp/pullgate-*.tgz -C /package --strip-components=1

# The dependencies of the lock file, and what the package leaves to its user: the signer for Amazon MSK, and OpenTelemetry.
FROM ${BASE_IMAGE} AS program
WORKDIR /app
COPY --from=package /package ./
COPY package-lock.json .npmrc ./
# These are among the packages for development, too, and `--omit=dev` leaves such packages out even if they are named. So
# they are installed elsewhere and added.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && npm install --prefix /beside --ignore-scripts --no-audit --no-fund \
    $(node -p "Object.entries(require('./package.json').peerDependencies).map((one) => one.join('@')).join(' ')") \
  && cp -Rn /beside/node_modules/. node_modules/ \
  && node -e "for (const name of Object.keys(require('./package.json').peerDependencies)) require.resolve(name)" \
  && rm -f package-lock.json .npmrc

FROM ${BASE_IMAGE}
LABEL org.opencontainers.image.title="pullgate" \
  org.opencontainers.image.description="Event-sourced gateway between school ERPs and a payment partner's fetch-student call" \
  org.opencontainers.image.licenses="Apache-2.0"
# The program needs no package manager, and an attacker should find none.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn* \
  /usr/local/bin/yarn /usr/local/bin/yarnpkg && ln -s /app/bin/pullgate.mjs /usr/local/bin/pullgate
ENV NODE_ENV=production PULLGATE_CONFIG=/etc/pullgate/pullgate.yaml
COPY --from=program /app /app
WORKDIR /app
USER node
EXPOSE 8080 9090
# Whether the process turns. Whether it does its work is `/readyz`, which compose and Kubernetes ask.
HEALTHCHECK --start-period=30s --interval=5s --timeout=3s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.METRICS_PORT||9090}/livez`).then((r)=>process.exit(r.ok?0:1),()=>process.exit(1))"]
# As the entry point itself, so that SIGTERM reaches it and it drains.
ENTRYPOINT ["node", "bin/pullgate.mjs"]
CMD ["all"]
