#!/bin/sh
# A root for the image's base, of this machine's own files: a shell, what the Dockerfile calls, Node and npm.
#   sh base-image.sh FOLDER NODE NPM_FOLDER
set -eu
root=$1 node=$2 npm=$3
mkdir -p "$root/bin" "$root/usr/local/bin" "$root/usr/local/lib/node_modules" "$root/etc/ssl/certs" "$root/tmp" "$root/root" "$root/home/node"
chmod 1777 "$root/tmp"

libraries() {
  ldd "$1" 2>/dev/null | grep -o '/[^ ]*' | while read -r library; do cp -L --parents "$library" "$root/"; done
}

for name in sh env rm ln mkdir tar gzip cat ls; do
  found=$(command -v "$name")
  cp -L --parents "$found" "$root/"
  [ -e "$root/bin/$name" ] || cp -L "$found" "$root/bin/$name"
  libraries "$found"
done
cp -L "$node" "$root/usr/local/bin/node"
libraries "$node"
cp -r "$npm" "$root/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
ln -s ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"

printf 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n' > "$root/etc/passwd"
printf 'root:x:0:\nnode:x:1000:\n' > "$root/etc/group"
for file in /etc/resolv.conf /etc/hosts /etc/nsswitch.conf; do [ ! -e "$file" ] || cp -L "$file" "$root/etc/"; done
authorities=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
[ ! -e "$authorities" ] || cp -L "$authorities" "$root/etc/ssl/certs/authorities.pem"
# Parts of the C library that are loaded by name: to look up hosts, and by native modules.
for name in libnss_dns.so.2 libnss_files.so.2 libresolv.so.2 librt.so.1 libpthread.so.0 libdl.so.2 libm.so.6 libgcc_s.so.1 libstdc++.so.6; do
  library=$(ldconfig -p | grep -m1 "$name" | grep -o '/.*' || true)
  [ -z "$library" ] || cp -L --parents "$library" "$root/"
done
