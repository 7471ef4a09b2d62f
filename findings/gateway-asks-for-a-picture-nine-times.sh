#!/bin/sh
# Guess: a gateway passes one request for a picture on once; if its upstream gives up waiting (HTTP 504, the picture may
#        be made and paid for all the same), the client gets that 504 and decides.
# What happens: the LiteLLM proxy asks the upstream 3 times for one request to /chat/completions and 9 times for one to
#        /images/generations. The header `x-litellm-num-retries: 0` makes that 1 and 3; `max_retries: 0` of the model
#        and `num_retries: 0` of the router, in its configuration, change the 9 to 3 as well, never to 1.
# Cost: one question may be billed as nine pictures, none of which arrives, although the bot asked once.
#
# Seen with litellm 1.108.7 and openai 3.57.0, Python 3.11. The 9 is 3 of the router times 3 of the openai library below
# it, whose clients ask again after 504 (and 408, 409, 5xx, broken connections) unless they are told not to.
# The bot sends the header with every call that may be billed as a picture (docs/endpoints.md, "Paid once").
#
# Run: sh findings/gateway-asks-for-a-picture-nine-times.sh   (some minutes, 800 MB in a temporary folder)
set -eu
work=$(mktemp -d)
pids=""
trap 'kill $pids 2>/dev/null || true; rm -rf "$work"' EXIT INT TERM
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check 'litellm[proxy]==1.108.7' 'openai==3.57.0'

# An upstream that counts what it is asked (GET reads the count and resets it) and always gives up waiting.
cat > upstream.py <<'PY'
import http.server

asked = [0]


class Upstream(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(200, str(asked[0]).encode())
        asked[0] = 0

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        asked[0] += 1
        self.answer(504, b'{"error": {"message": "upstream timed out", "type": "server_error", "code": null}}')

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
print(server.server_port, flush=True)
server.serve_forever()
PY
venv/bin/python upstream.py > upstream.port &
pids=$!
while [ ! -s upstream.port ]; do sleep 0.1; done
upstream=$(cat upstream.port)

cat > gateway.yaml <<YAML
model_list:
  - model_name: draws-in-a-chat
    litellm_params: {model: openai/draws, api_base: "http://127.0.0.1:$upstream/v1", api_key: k}
  - model_name: gpt-image-1
    litellm_params: {model: openai/gpt-image-1, api_base: "http://127.0.0.1:$upstream/v1", api_key: k}
YAML
cat > configured.yaml <<YAML
model_list:
  - model_name: gpt-image-1
    litellm_params:
      {model: openai/gpt-image-1, api_base: "http://127.0.0.1:$upstream/v1", api_key: k, max_retries: 0}
router_settings: {num_retries: 0}
YAML

key=sk-local-0123456789abcdef0123456789abcdef
start() { # a configuration, a port
    LITELLM_MASTER_KEY=$key LITELLM_LOCAL_MODEL_COST_MAP=True LITELLM_TELEMETRY=False \
        venv/bin/litellm --config "$1" --host 127.0.0.1 --port "$2" > "$1.log" 2>&1 &
    pids="$pids $!"
    tries=0
    until curl -s -m 2 -o /dev/null "http://127.0.0.1:$2/health/liveliness"; do
        tries=$((tries + 1))
        [ $tries -lt 120 ] || { echo "the gateway does not start:"; tail -5 "$1.log"; exit 1; }
        sleep 1
    done
}
asks() { # how often the upstream is asked for one request: port, path, body, a header
    sleep 6 # the gateway leaves out an upstream that failed for 5 s
    curl -s -m 90 -o /dev/null -H "Authorization: Bearer $key" -H 'Content-Type: application/json' \
        ${4:+-H "$4"} -d "$3" "http://127.0.0.1:$1/v1/$2"
    curl -s "http://127.0.0.1:$upstream/"
}
free() { venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

chat='{"model": "draws-in-a-chat", "messages": [{"role": "user", "content": "a fox"}]}'
picture='{"model": "gpt-image-1", "prompt": "a fox"}'
once='x-litellm-num-retries: 0'
port=$(free)
start gateway.yaml "$port"
seen="chat $(asks "$port" chat/completions "$chat" ''), with the header $(asks "$port" chat/completions "$chat" "$once");"
seen="$seen picture $(asks "$port" images/generations "$picture" ''),"
seen="$seen with the header $(asks "$port" images/generations "$picture" "$once"),"
port=$(free)
start configured.yaml "$port"
seen="$seen configured $(asks "$port" images/generations "$picture" '')"

echo "seen:     $seen"
expected="chat 3, with the header 1; picture 9, with the header 3, configured 3"
echo "expected: $expected"
[ "$seen" = "$expected" ] || { echo "this has changed"; exit 1; }
