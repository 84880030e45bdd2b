# The program is TypeScript that Node runs as it is: there is nothing to build, only dependencies to install.
FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY bin bin
COPY scripts/link-bin.mjs scripts/link-bin.mjs
RUN npm ci --omit=dev && npm cache clean --force

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production PULLGATE_CONFIG=/etc/pullgate/pullgate.yaml
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json LICENSE ./
COPY bin bin
COPY projections projections
COPY consumers consumers
COPY src src
USER node
EXPOSE 8080 9090
HEALTHCHECK --start-period=30s --interval=5s --timeout=3s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.METRICS_PORT||9090}/livez`).then((r)=>process.exit(r.ok?0:1),()=>process.exit(1))"]
# As the entry point itself, so that SIGTERM reaches it and it drains.
ENTRYPOINT ["node", "bin/pullgate.mjs"]
CMD ["all"]
