# fish completion for jackin-exec: what `jackin-exec completions fish` prints.
#
# The program itself says what could stand at the cursor. Where another command begins, that command's own completion
# goes on.

function __jackin_exec_complete
    set -l words (commandline -opc)
    set -l token (commandline -ct)
    set -q token[1]; or set token ''
    # A link under another name would start a command.
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    string match -qr '(^|/)jackin-exec$' -- $program; or set program jackin-exec
    set -l answer (command $program completions fish -- $words (string unescape -- $token; or echo $token) 2>/dev/null)
    set -q answer[1]; or return
    set -l directive (string split -m 2 ' ' -- $answer[1])
    set -e answer[1]
    set -q answer[1]; and printf '%s\n' $answer

    set -l rest
    switch $directive[1]
        case files folders
            # Of --option=VALUE the value, with the option put before what is found.
            set -l value (string replace -r '^--[^=]*=' '' -- $token)
            set -l option (string match -r '^--[^=]*=' -- $token; or echo '')
            if test $directive[1] = files
                printf "$option%s\n" (__fish_complete_path $value)
            else
                printf "$option%s\n" (__fish_complete_directories $value)
            end
            return
        case command
            set rest $words[(math $directive[2] + 1)..]
        case arguments
            set rest (string split \t -- $directive[3]) $words[(math $directive[2] + 1)..]
        case '*'
            return
    end
    complete -C (string join ' ' -- (string escape -- $rest) $token)
end

complete -c jackin-exec -k -f -a '(__jackin_exec_complete)'
