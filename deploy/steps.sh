# Steps with a header, their time and a table at the end, for deploy/quickstart and tests/run.

steps_started=$EPOCHREALTIME
steps_names=()
steps_times=()
steps_results=()

# Seconds since moment $1, with one digit.
since() {
  awk -v from="$1" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.1f", to - from }'
}

# step NAME COMMAND...: prints a header with the seconds since the start, runs the command without
# standard input, keeps its time and result, and returns the result.
step() {
  local name=$1 begun=$EPOCHREALTIME result=0
  shift
  printf '\n== %s (at %s s)\n' "$name" "$(since "$steps_started")"
  "$@" </dev/null || result=$?
  steps_names+=("$name")
  steps_times+=("$(since "$begun")")
  if [ "$result" -eq 0 ]; then
    steps_results+=("ok")
  else
    steps_results+=("FAILED ($result)")
    printf '== %s failed with %s\n' "$name" "$result" >&2
  fi
  return "$result"
}

# Whether any step failed.
any_failed() {
  local result
  for result in "${steps_results[@]}"; do [ "$result" = ok ] || return 0; done
  return 1
}

# One line per step: seconds, result, name.
print_steps() {
  local i
  printf '\n== times\n'
  for i in "${!steps_names[@]}"; do
    printf '%8s s  %-12s %s\n' "${steps_times[$i]}" "${steps_results[$i]}" "${steps_names[$i]}"
  done
  printf '%8s s  in all\n' "$(since "$steps_started")"
}
