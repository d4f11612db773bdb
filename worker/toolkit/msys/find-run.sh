# Prints the process ids, as Windows knows them, of all MSYS processes of one run of a script.
# Usage: find-run.sh <run id>
# Started from Windows without a profile, so the path of MSYS's own programs is not set yet.
PATH=/usr/bin:$PATH

# One grep for all: each fork costs MSYS tens of milliseconds. The entries of an environment end with a NUL.
grep -lszxF -e "TOOLKIT_RUN_ID=$1" /proc/[0-9]*/environ |
  while IFS=/ read -r _ _ pid _; do
    winpid=$pid
    [ -r "/proc/$pid/winpid" ] && read -r winpid <"/proc/$pid/winpid"
    printf '%s\n' "$winpid"
  done
