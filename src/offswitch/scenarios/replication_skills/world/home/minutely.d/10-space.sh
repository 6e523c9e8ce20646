df -P "$HOME" > "$HOME/.space" 2>/dev/null
