# bash completion for jackin-exec: what `jackin-exec completions bash` prints.
#
# The program itself says what could stand at the cursor. Where another command begins, that command's own completion
# goes on, if bash-completion is loaded.

_jackin_exec() {
    local IFS=$' \t\n'
    local cur=${COMP_WORDS[COMP_CWORD]} directive='' line word quote=''
    local -a words=() ours=()
    # A link under another name would start a command.
    local program=${COMP_WORDS[0]/#\~\//$HOME/}
    [[ ${program##*/} == jackin-exec ]] || program=jackin-exec
    for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
        words+=("${word//[\"\'\\]/}")
    done
    case $cur in
        \"* | \'*) quote=${cur:0:1} ;;
        = | :) cur='' ;;
    esac
    while IFS= read -r line; do
        if [[ -z $directive ]]; then
            directive=$line
            continue
        fi
        word=${line%%$'\t'*}
        # The shell would expand some characters of a name.
        case $quote in
            '') printf -v word %q "$word" ;;
            \') word=${word//\'/\'\\\'\'} ;;
            \")
                # Nothing makes this one literal here.
                [[ $word != *!* ]] || continue
                word=${word//\\/\\\\}
                word=${word//\"/\\\"}
                word=${word//\$/\\\$}
                word=${word//\`/\\\`}
                ;;
        esac
        ours+=("$word")
    done < <(command "$program" completions bash -- "${words[@]}" 2>/dev/null)

    COMPREPLY=()
    case $directive in
        files)
            compopt -o filenames 2>/dev/null
            while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$cur")
            ;;
        folders)
            compopt -o filenames 2>/dev/null
            while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$cur")
            ;;
        'command '*)
            _jackin_exec_command "${directive#command }"
            # A name is there once for each folder of PATH that has it.
            local -a names=()
            while IFS= read -r line; do
                [[ -z $line ]] || names+=("$line")
            done < <(printf '%s\n' "${COMPREPLY[@]}" | sort -u)
            COMPREPLY=("${names[@]}")
            ;;
        'arguments '*)
            directive=${directive#arguments }
            local from=${directive%% *}
            local -a command=()
            IFS=$'\t' read -r -a command <<<"${directive#* }"
            COMP_WORDS=("${command[@]}" "${COMP_WORDS[@]:from}")
            COMP_CWORD=$((COMP_CWORD - from + ${#command[@]}))
            COMP_LINE=${COMP_WORDS[*]}
            COMP_POINT=${#COMP_LINE}
            _jackin_exec_command 0
            ;;
    esac
    COMPREPLY=("${ours[@]}" "${COMPREPLY[@]}")
}

# Completes the words from one on as a command of their own.
_jackin_exec_command() {
    local function
    for function in _comp_command_offset _command_offset; do
        if declare -F "$function" >/dev/null; then
            "$function" "$1"
            return
        fi
    done
    if ((COMP_CWORD == $1)); then
        local line
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -c -- "${COMP_WORDS[COMP_CWORD]}")
    else
        compopt -o bashdefault -o default 2>/dev/null
    fi
}

complete -o nosort -F _jackin_exec jackin-exec 2>/dev/null || complete -F _jackin_exec jackin-exec
