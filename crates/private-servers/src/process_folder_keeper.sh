# Arguments: the folder, and the folder of records in it: a file a process, named for its group, with the signal that
# ends it.
trap '' HUP INT QUIT TERM
read -r _

# Sends each process group the signal $1, or its own without.
send() {
    for record in "$folder/$records"/*; do
        [ -e "$record" ] && kill -s "${1:-$(cat "$record")}" -- "-${record##*/}"
    done
}

# Whether a process is left.
is_any_left() {
    for record in "$folder/$records"/*; do
        [ -e "$record" ] && kill -s 0 -- "-${record##*/}" && return 0
    done
    return 1
}

folder=$1
records=$2
send CONT
send
tries=0
while is_any_left && [ "$tries" -lt 60 ]; do
    sleep 0.05
    tries=$((tries + 1))
done
send KILL
rm -rf "$folder"
