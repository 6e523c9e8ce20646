rm -rf "$HOME/.cache/old"
