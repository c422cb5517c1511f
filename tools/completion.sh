#!/usr/bin/env bash
# Writes the completion for bash, from the options that the command declares:  completion.sh VESPER >vesper
set -euo pipefail
vesper=$1

options() { "$vesper" "$@" --help | grep -o -- '--[a-z][a-z-]*' | sort -u | paste -sd' '; }
commands=$("$vesper" --help | sed -n 's/^  \([a-z_-]\+\) \+.*/\1/p')

cat <<END
# bash completion for vesper; written by tools/completion.sh

_vesper() {
  local word=\${COMP_WORDS[COMP_CWORD]} options
  COMPREPLY=()
  if [ "\$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=(\$(compgen -W "$(paste -sd' ' <<<"$commands") --help --version" -- "\$word"))
    return
  fi
  case \${COMP_WORDS[1]} in
END
for command in $commands; do
  echo "    $command) options=\"$(options "$command")\" ;;"
done
cat <<'END'
  esac
  case ${COMP_WORDS[1]},$COMP_CWORD in
    list,2) COMPREPLY=($(compgen -W "models policies properties scenarios sweeps" -- "$word")); return ;;
    new,2) COMPREPLY=($(compgen -W "ip policy" -- "$word")); return ;;
  esac
  case ${COMP_WORDS[COMP_CWORD - 1]} in
    --placement) COMPREPLY=($(compgen -W "software hardware bi_level ideal" -- "$word")); return ;;
    --fail-on) COMPREPLY=($(compgen -W "miss violation" -- "$word")); return ;;
    --out | --compare) COMPREPLY=($(compgen -d -- "$word")); return ;;
  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  else
    COMPREPLY=($(compgen -f -X '!*.yaml' -- "$word") $(compgen -d -S / -- "$word"))
    [[ ${COMPREPLY[0]:-} == */ ]] && compopt -o nospace
  fi
}
complete -o filenames -F _vesper vesper
END
