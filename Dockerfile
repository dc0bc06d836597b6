# The platform, all nine services; SERVICES says which of them a container runs. For Linux on x64, as the Chromium from npm is.
# Read-only: it writes below DATA_DIR (/data) and below /tmp only, and /tmp must be executable where `protocol` runs (docs/deployment.md).

FROM node:24.21.0-bookworm-slim AS base
WORKDIR /app
COPY package.json package-lock.json ./

# The image has its own Node 24: the one from npm is not fetched (--ignore-scripts), and no other package needs its scripts.
FROM base AS dependencies
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && npm cache clean --force

FROM base AS build
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json main.ts platform.ts operator-console.ts moleculer.config.ts ./
COPY cli ./cli
COPY config ./config
COPY contract ./contract
COPY mixins ./mixins
COPY public-admin ./public-admin
COPY public-h5 ./public-h5
COPY sandbox ./sandbox
COPY scripts/copy-static.ts ./scripts/copy-static.ts
COPY services ./services
COPY templates ./templates
RUN npm run build

FROM node:24.21.0-bookworm-slim
LABEL org.opencontainers.image.title="esign-platform" \
      org.opencontainers.image.description="Electronic signing platform: agreements signed on a phone, verified, sealed and kept as evidence" \
      org.opencontainers.image.licenses="UNLICENSED"
# A user by number: Chromium's sandbox works for anybody but root. Volumes mounted on these folders become that user's.
RUN groupadd --gid 10001 esign \
 && useradd --uid 10001 --gid esign --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin esign \
 && mkdir -p /data/keys/callers \
 && chown -R esign:esign /data
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
COPY deploy/health.ts ./deploy/health.ts
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
USER 10001:10001
EXPOSE 3000
# For a container with the gateway; one without it has no port and is asked by /data/health.json (docker-compose.yml).
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "deploy/health.ts", "http://127.0.0.1:3000/health/live"]
CMD ["node", "dist/main.js"]
