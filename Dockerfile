# python:3.13-slim, which is Python 3.13.14 on Debian trixie, as the list of Docker's official images states its digest
# (docker-library/repo-info, repos/python/remote/3.13-slim.md, August 2026). It holds for every architecture.
ARG BASE=python:3.13-slim@sha256:9662417aace5ae7b8e2609cce472b72a8958e134ba372808abe9cc1a0c0125e6
FROM ${BASE} AS build
COPY requirements/runtime.txt /tmp/runtime.txt
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/runtime.txt

FROM ${BASE}
LABEL org.opencontainers.image.title="fusion-bot" org.opencontainers.image.licenses="MIT"
ENV PATH="/venv/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATABASE_URL=sqlite+aiosqlite:////data/bot.db \
    PICTURES_DIR=/data/pictures \
    HEALTH_PORT=8080
# For the charts of /usage: names in Chinese and in other languages than English, and the order of Arabic and Hebrew.
# Their versions are those of the base image's Debian.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-dejavu-core fonts-wqy-microhei libfribidi0 \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /app --no-create-home --shell /usr/sbin/nologin bot \
    && install -d -o bot -g bot /data
WORKDIR /app
COPY --from=build /venv /venv
COPY LICENSE ./
COPY bot ./bot
COPY cogs ./cogs
COPY migrations ./migrations
USER 10001:10001
VOLUME ["/data"]
# Turns under way get 20 s to end and 9 s to say that they were interrupted.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['HEALTH_PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
