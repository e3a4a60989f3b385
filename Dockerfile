# Two stages: the first installs what running needs, from hashes alone; the second holds that and the code.
FROM python:3.11-slim AS build

COPY requirements.lock /build/
RUN python -m venv /opt/vigil && \
    /opt/vigil/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary=:all: \
    -r /build/requirements.lock
COPY bot /app/bot
COPY cogs /app/cogs
COPY migrations /app/migrations
COPY deploy/healthcheck.py /app/healthcheck.py
# The root may be read-only later, so that bytecode is made now.
RUN /opt/vigil/bin/python -m compileall -q /app


FROM python:3.11-slim

RUN groupadd --gid 10001 vigil && \
    useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin vigil && \
    install --directory --owner=vigil --group=vigil --mode=0700 /data
COPY --from=build /opt/vigil /opt/vigil
COPY --from=build /app /app

ENV PATH=/opt/vigil/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONSAFEPATH=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    VIGIL_WEB__HOST=0.0.0.0

# From here the default database, data/vigil.db, is /data/vigil.db, and a settings file may be mounted at /config.toml.
WORKDIR /
VOLUME /data
EXPOSE 8080
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["python", "/app/healthcheck.py"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
