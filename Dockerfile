# One image for every process: the command picks the service (serve records, serve gateway, migrate, ...).
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/muniment
WORKDIR /src
COPY requirements/run.in requirements/run.txt requirements/
RUN /opt/muniment/bin/pip install -q --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY chassis chassis
COPY vault vault
COPY regimes regimes
COPY services services
COPY gateway gateway
COPY cli cli
COPY demo demo
RUN /opt/muniment/bin/pip install -q --no-deps .

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin muniment \
    && install -d -o 10001 -g 10001 /var/lib/muniment
COPY --from=build /opt/muniment /opt/muniment
ENV PATH=/opt/muniment/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 EVENTLET_NO_GREENDNS=yes
USER 10001:10001
WORKDIR /var/lib/muniment
ENTRYPOINT ["muniment"]
CMD ["--help"]
