# The dashboard:  docker run -it -v /var/log/nginx/access.log:/tmp/access.log:ro logmon-tui
# The demo:       docker run -it -e GENDATA=true logmon-tui
# The tests:      docker run --rm --entrypoint pytest logmon-tui -n auto
# The slim image has no compiler: for the build of the scanner pip fetches one, the package ziglang,
# and does not keep it.
FROM python:3.13-slim
RUN useradd --create-home logmon && install -d -o logmon /app
WORKDIR /app
COPY --chown=logmon . .
RUN LOGMON_NATIVE=required pip install --no-cache-dir -c requirements.lock '.[test]'
USER logmon
ENV GENDATA=false TERM=xterm-256color COLORTERM=truecolor LANG=C.UTF-8
ENTRYPOINT ["sh", "-c", "[ \"$GENDATA\" != true ] || set -- --demo \"$@\"; exec logmon-tui \"$@\"", "logmon-tui"]
