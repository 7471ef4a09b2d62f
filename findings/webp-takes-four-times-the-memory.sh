#!/bin/sh
# Guess: what a picture takes in memory follows from its size in pixels: about 4 bytes each, in whatever format it came.
# What happens: Pillow takes 4 bytes a pixel for a PNG and a JPEG, and 16 for a WebP of the same size, with or without
#        transparency: the decoder's own picture, two copies as bytes on the way, and Pillow's.
# Cost: a bound on pixels that is right for PNG lets a WebP take four times the memory. At the largest size of the fusion
#        endpoint, 6240 x 6240, that is 640 MB instead of 160, and a small machine's or a container's end.
#
# Seen with Pillow 13.0.0 (libwebp as in its wheel), Python 3.11, Linux: PNG 4.1, JPEG 4.2, WebP 16.2 bytes a pixel.
# The bot therefore weighs pictures by their format before it looks at them, large ones one at a time
# (bot/providers/picture/workshop.py).
#
# Run: sh findings/webp-takes-four-times-the-memory.sh   (half a minute, 30 MB in a temporary folder)
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check 'pillow==13.0.0'

cat > write.py <<'PY'
import sys

from PIL import Image

side = 4000
grey = Image.linear_gradient("L").resize((side, side))
for mode, kinds in (("RGB", ("png", "jpeg", "webp")), ("RGBA", ("png", "webp"))):
    for kind in kinds:
        Image.merge(mode, [grey] * len(mode)).save(f"{mode}.{kind}", kind)
PY
venv/bin/python write.py

# Each picture in a process of its own: the peak of a process only ever grows.
cat > read.py <<'PY'
import resource
import sys

from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # loaded before it is measured

unit = 1 if sys.platform == "darwin" else 1024
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
picture = Image.open(sys.argv[1])
picture.load()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(round((peak - before) * unit / (picture.width * picture.height), 1))
PY
for name in RGB.png RGB.jpeg RGB.webp RGBA.png RGBA.webp; do
    venv/bin/python read.py "$name" > "$name.bytes"
    echo "$name: $(cat "$name.bytes") bytes a pixel"
done
venv/bin/python - <<'PY'
from pathlib import Path

taken = {path.stem: float(path.read_text()) for path in Path().glob("*.bytes")}
webp = [taken["RGB.webp"], taken["RGBA.webp"]]
others = [taken["RGB.png"], taken["RGB.jpeg"], taken["RGBA.png"]]
assert max(others) < 6, f"not as seen: {taken}"
assert min(webp) > 12, f"not as seen: {taken}"
print("as seen: a WebP takes four times the memory of a PNG or a JPEG")
PY
