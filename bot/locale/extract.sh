#!/bin/sh
# Brings the catalogues up to date with the ids in the code: new ones come in without a text in every language, English
# too, and a test fails until they have one.
set -eu
cd "$(dirname "$0")/../.."
python=.venv/bin/python
babel() { "$python" -m babel.messages.frontend --quiet "$@"; }
babel extract --no-location --sort-output --omit-header --no-default-keywords -k mark -k command_text \
    -o bot/locale/fusion_bot.pot bot cogs
babel update --domain fusion_bot --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date \
    -i bot/locale/fusion_bot.pot -d bot/locale
babel compile --domain fusion_bot -d bot/locale
