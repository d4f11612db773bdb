# Prints a path of this MSYS as Windows writes it; only the mount table knows where /tmp lies.
# Usage: windows-path.sh <path>
PATH=/usr/bin:$PATH
exec cygpath -w -- "$1"
