# Troth in a container: built with Node, run without it, as an unprivileged user. Data lives in the volume /data.
#
#     docker build -t troth .
#     docker run --rm -p 127.0.0.1:8000:8000 -v troth:/data troth        (or: docker compose up)

FROM node:22-bookworm-slim AS frontend
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

FROM python:3.13-slim-bookworm AS wheel
WORKDIR /src
COPY requirements/ requirements/
RUN pip install --no-cache-dir -r requirements/base.txt hatchling build
COPY pyproject.toml README.md LICENSE ./
COPY tools/ tools/
COPY troth/ troth/
COPY --from=frontend /src/troth/console/static/vendor/ troth/console/static/vendor/
RUN python tools/messages.py compile && python -m build --wheel --no-isolation --outdir /dist .

FROM python:3.13-slim-bookworm
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    TROTH_DATA_DIR=/data
RUN useradd --system --uid 10001 --create-home --home-dir /data troth
COPY requirements/base.txt /tmp/base.txt
RUN pip install --no-cache-dir -r /tmp/base.txt && rm /tmp/base.txt
RUN --mount=type=bind,from=wheel,source=/dist,target=/dist pip install --no-cache-dir --no-deps /dist/*.whl
USER troth
WORKDIR /data
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["troth"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
