# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_jackin_exec_global_optspecs
    string join \n w/workspace= no-workspace r/role= config-dir= json debug q/quiet m/model= pass-keys n/dry-run p/provider= h/help V/version
end

function __fish_jackin_exec_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_jackin_exec_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_jackin_exec_using_subcommand
    set -l cmd (__fish_jackin_exec_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c jackin-exec -n "__fish_jackin_exec_needs_command" -s w -l workspace -d 'A saved workspace [default: that of the current directory]' -r
complete -c jackin-exec -n "__fish_jackin_exec_needs_command" -s r -l role -d 'A role [default: the workspace\'s `default_role`]' -r
complete -c jackin-exec -n "__fish_jackin_exec_needs_command" -l config-dir -d 'Read this folder instead of ~/.config/jackin' -r -F
complete -c jackin-exec -n "__fish_jackin_exec_needs_command" -s m -l model -d 'This model id for every tier of the redirect' -r
complete -c jackin-exec -n "__fish_jackin_exec_needs_command" -s p -l provider -d 'The provider: an id of `jackin-exec providers`, or `ask`' -r -f -a "anthropic\t''
zai\t''
minimax\t''
kimi\t''
bigmodel\t''
deepseek\t''
minimax-cn\t''
moonshot\t''
moonshot-cn\t''
ask\t''"
complete -c jackin-exec -n "__fish_jackin_exec_needs_command" -l no-workspace -d 'No workspace, and no look at the current directory'
complete -c jackin-exec -n "__fish_jackin_exec_needs_command" -l json -d 'JSON, with --dry-run, `providers` or `auth`'
complete -c jackin-exec -n "__fish_jackin_exec_needs_command" -l debug -d 'Say where each thing came from; never a value'
complete -c jackin-exec -n "__fish_jackin_exec_needs_command" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c jackin-exec -n "__fish_jackin_exec_needs_command" -l pass-keys -d 'Leave provider keys in the command\'s environment'
complete -c jackin-exec -n "__fish_jackin_exec_needs_command" -s n -l dry-run -d 'Print what would be set and unset, and stop'
complete -c jackin-exec -n "__fish_jackin_exec_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jackin-exec -n "__fish_jackin_exec_needs_command" -s V -l version -d 'Print version'
complete -c jackin-exec -n "__fish_jackin_exec_needs_command" -a "providers" -d 'List the providers, and which of them have a key'
complete -c jackin-exec -n "__fish_jackin_exec_needs_command" -a "auth" -d 'Show, set and remove the providers\' keys'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand providers" -s w -l workspace -d 'A saved workspace [default: that of the current directory]' -r
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand providers" -s r -l role -d 'A role [default: the workspace\'s `default_role`]' -r
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand providers" -l config-dir -d 'Read this folder instead of ~/.config/jackin' -r -F
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand providers" -s p -l provider -d 'The provider: an id of `jackin-exec providers`, or `ask`' -r -f -a "anthropic\t''
zai\t''
minimax\t''
kimi\t''
bigmodel\t''
deepseek\t''
minimax-cn\t''
moonshot\t''
moonshot-cn\t''
ask\t''"
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand providers" -l no-workspace -d 'No workspace, and no look at the current directory'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand providers" -l json -d 'JSON, with --dry-run, `providers` or `auth`'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand providers" -l debug -d 'Say where each thing came from; never a value'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand providers" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand providers" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and not __fish_seen_subcommand_from set unset ignore" -s w -l workspace -d 'A saved workspace [default: that of the current directory]' -r
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and not __fish_seen_subcommand_from set unset ignore" -s r -l role -d 'A role [default: the workspace\'s `default_role`]' -r
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and not __fish_seen_subcommand_from set unset ignore" -l config-dir -d 'Read this folder instead of ~/.config/jackin' -r -F
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and not __fish_seen_subcommand_from set unset ignore" -s p -l provider -d 'The provider: an id of `jackin-exec providers`, or `ask`' -r -f -a "anthropic\t''
zai\t''
minimax\t''
kimi\t''
bigmodel\t''
deepseek\t''
minimax-cn\t''
moonshot\t''
moonshot-cn\t''
ask\t''"
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and not __fish_seen_subcommand_from set unset ignore" -l no-workspace -d 'No workspace, and no look at the current directory'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and not __fish_seen_subcommand_from set unset ignore" -l json -d 'JSON, with --dry-run, `providers` or `auth`'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and not __fish_seen_subcommand_from set unset ignore" -l debug -d 'Say where each thing came from; never a value'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and not __fish_seen_subcommand_from set unset ignore" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and not __fish_seen_subcommand_from set unset ignore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and not __fish_seen_subcommand_from set unset ignore" -f -a "set" -d 'Set a provider\'s key in one scope'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and not __fish_seen_subcommand_from set unset ignore" -f -a "unset" -d 'Remove a provider\'s key from one scope'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and not __fish_seen_subcommand_from set unset ignore" -f -a "ignore" -d 'Do not offer a provider in one scope'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from set" -l op -d 'The key is in 1Password: `op://VAULT/ITEM/[SECTION/]FIELD`' -r
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from set" -l account -d 'The 1Password account' -r
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from set" -l env -d 'The key is in this variable of the environment in which jackin-exec is started' -r
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from set" -l file -d 'The key is in this file' -r -F
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from set" -s w -l workspace -d 'A saved workspace [default: that of the current directory]' -r
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from set" -s r -l role -d 'A role [default: the workspace\'s `default_role`]' -r
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from set" -l config-dir -d 'Read this folder instead of ~/.config/jackin' -r -F
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from set" -s p -l provider -d 'The provider: an id of `jackin-exec providers`, or `ask`' -r -f -a "anthropic\t''
zai\t''
minimax\t''
kimi\t''
bigmodel\t''
deepseek\t''
minimax-cn\t''
moonshot\t''
moonshot-cn\t''
ask\t''"
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from set" -l global -d 'In the global scope; --workspace, --role or both name another [default]'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from set" -l stdin -d 'Read the key from stdin, less one newline'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from set" -l command -d 'The key is what a command prints: --command -- ARGV...'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from set" -l no-workspace -d 'No workspace, and no look at the current directory'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from set" -l json -d 'JSON, with --dry-run, `providers` or `auth`'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from set" -l debug -d 'Say where each thing came from; never a value'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from unset" -s w -l workspace -d 'A saved workspace [default: that of the current directory]' -r
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from unset" -s r -l role -d 'A role [default: the workspace\'s `default_role`]' -r
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from unset" -l config-dir -d 'Read this folder instead of ~/.config/jackin' -r -F
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from unset" -s p -l provider -d 'The provider: an id of `jackin-exec providers`, or `ask`' -r -f -a "anthropic\t''
zai\t''
minimax\t''
kimi\t''
bigmodel\t''
deepseek\t''
minimax-cn\t''
moonshot\t''
moonshot-cn\t''
ask\t''"
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from unset" -l global -d 'From the global scope; --workspace, --role or both name another [default]'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from unset" -l all-scopes -d 'From every scope of every file'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from unset" -l no-workspace -d 'No workspace, and no look at the current directory'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from unset" -l json -d 'JSON, with --dry-run, `providers` or `auth`'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from unset" -l debug -d 'Say where each thing came from; never a value'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from unset" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from unset" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from ignore" -s w -l workspace -d 'A saved workspace [default: that of the current directory]' -r
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from ignore" -s r -l role -d 'A role [default: the workspace\'s `default_role`]' -r
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from ignore" -l config-dir -d 'Read this folder instead of ~/.config/jackin' -r -F
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from ignore" -s p -l provider -d 'The provider: an id of `jackin-exec providers`, or `ask`' -r -f -a "anthropic\t''
zai\t''
minimax\t''
kimi\t''
bigmodel\t''
deepseek\t''
minimax-cn\t''
moonshot\t''
moonshot-cn\t''
ask\t''"
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from ignore" -l global -d 'In the global scope; --workspace, --role or both name another [default]'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from ignore" -l no-workspace -d 'No workspace, and no look at the current directory'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from ignore" -l json -d 'JSON, with --dry-run, `providers` or `auth`'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from ignore" -l debug -d 'Say where each thing came from; never a value'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from ignore" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c jackin-exec -n "__fish_jackin_exec_using_subcommand auth; and __fish_seen_subcommand_from ignore" -s h -l help -d 'Print help (see more with \'--help\')'
