# The dashboard:  docker build -t logmon-tui . && docker run -it -v /var/log/nginx/access.log:/tmp/access.log:ro logmon-tui
# The demo:       docker run -it -e GENDATA=true logmon-tui
# The tests:      docker build -t logmon-tui-test --target test . && docker run --rm logmon-tui-test -n auto

# The slim image has no compiler: for the build of the scanner pip fetches one, the package ziglang,
# and does not keep it.
FROM python:3.13-slim AS build
WORKDIR /src
COPY . .
RUN python -m venv /app \
 && LOGMON_NATIVE=required /app/bin/pip install --no-cache-dir -c requirements.lock '.[fleet]'

FROM build AS test
RUN useradd --create-home logmon && chown -R logmon /src \
 && /app/bin/pip install --no-cache-dir -c requirements.lock '.[test]'
USER logmon
ENV PATH=/app/bin:$PATH LANG=C.UTF-8
ENTRYPOINT ["pytest"]

# What runs: Python and the installed program, without tests, sources or build tools.
FROM python:3.13-slim
RUN useradd --create-home logmon
COPY --from=build /app /app
USER logmon
ENV GENDATA=false PATH=/app/bin:$PATH TERM=xterm-256color COLORTERM=truecolor LANG=C.UTF-8
ENTRYPOINT ["sh", "-c", "[ \"$GENDATA\" != true ] || set -- --demo \"$@\"; exec logmon-tui \"$@\"", "logmon-tui"]
