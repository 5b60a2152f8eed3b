//! Keys and variables that reach neither helpers nor the command.

use crate::secrets::KEY;
use crate::support::PROGRAM;
use crate::support::SENTINEL;
use crate::support::sandbox;

#[test]
fn a_variable_from_which_a_key_is_read_reaches_neither_helpers_nor_the_command() {
    let home = || {
        sandbox()
            .config("[env]\nZAI_API_KEY = \"$MY_ZAI\"\nMINIMAX_API_KEY = \"$ANTHROPIC_API_KEY\"\nA = \"$PLAIN\"\n")
            .env("MY_ZAI", "zai")
            .env("PLAIN", "plain")
            .env("KIMI_CODE_API_KEY", KEY)
    };
    let exec = "[env]\nB = { command = [\"[ROOT]/bin/helper\"] }\n";
    let home = || home().rooted("home/.config/jackin/exec.toml", exec);
    // A more specific scope wins the key; the other variable holds one all the same.
    let two =
        home().workspace("w", "[env]\nZAI_API_KEY = \"$OTHER_ZAI\"\n").env("OTHER_ZAI", "other");
    let two = two.script("bin/helper", "echo \"${MY_ZAI-unset} ${OTHER_ZAI-unset}\"");
    let script = "echo $B, ${MY_ZAI-unset} ${OTHER_ZAI-unset}";
    two.run(["-w", "w", "-p", "kimi", "sh", "-c", script]).prints("unset unset, unset unset\n");
    let gone = home().script("bin/helper", "echo \"${MY_ZAI-unset} ${PLAIN-unset}\"");
    gone.run(["-p", "kimi", "sh", "-c", "echo $B, ${MY_ZAI-unset} $PLAIN"])
        .prints("unset plain, unset plain\n");
    let kept =
        home().script("bin/helper", "echo \"${MY_ZAI-unset}\"").env("ANTHROPIC_API_KEY", "own");
    kept.run(["--pass-keys", "-p", "kimi", "sh", "-c", "echo $B, $MY_ZAI"]).prints("unset, zai\n");
    // What Anthropic's own session reads is not taken from it.
    let own = home().script("bin/helper", "echo b").env("ANTHROPIC_API_KEY", "own");
    own.run(["-p", "anthropic", "sh", "-c", "echo $ANTHROPIC_API_KEY ${MY_ZAI-unset}"])
        .prints("own unset\n");
}

/// Also where only a scope that was not chosen says so: the key is in our environment all the same.
#[test]
fn a_key_is_kept_back_under_the_name_that_any_scope_of_the_files_read_gives_it() {
    let home = sandbox()
        .config("[roles.other.env]\nZAI_API_KEY = \"$MY_ZAI\"\n[workspaces.old.env]\nDEEPSEEK_API_KEY = \"$MY_DEEPSEEK\"\n")
        .workspace("w", "[roles.other.env]\nMINIMAX_API_KEY = \"$MY_MINIMAX\"\n")
        .rooted(
            "home/.config/jackin/exec.toml",
            "[env]\nB = { command = [\"[ROOT]/bin/helper\"] }\n\
             [workspaces.other.env]\nMOONSHOT_API_KEY = \"$MY_MOONSHOT\"\n\
             [roles.other.env]\nZAI_CN_API_KEY = \"$MY_BIGMODEL\"\n\
             [workspaces.other.roles.r.env]\nMINIMAX_CN_API_KEY = \"$MY_CN\"\n",
        )
        .env("KIMI_CODE_API_KEY", KEY)
        .env("MY_ZAI", SENTINEL)
        .env("MY_DEEPSEEK", SENTINEL)
        .env("MY_MINIMAX", SENTINEL)
        .env("MY_MOONSHOT", SENTINEL)
        .env("MY_BIGMODEL", SENTINEL)
        .env("MY_CN", SENTINEL)
        .env("MY_OTHER", "stays")
        .script("bin/helper", "env | grep -c SENTINEL || true");
    for provider in ["kimi", "anthropic"] {
        home.run(["-w", "w", "-p", provider, "sh", "-c", "echo $B; env | grep ^MY_"])
            .prints("0\nMY_OTHER=stays\n");
    }
    // --pass-keys passes them on, to the command alone.
    home.run(["--pass-keys", "-w", "w", "-p", "kimi", "sh", "-c", "echo $B; env | grep -c ^MY_"])
        .prints("0\n7\n");
}

#[test]
fn inside_of_a_session_nothing_of_its_redirect_reaches_helpers_or_variables() {
    let home = sandbox()
        .rooted(
            "home/.config/jackin/exec.toml",
            "[env]\nOUTER_KEY = \"[SECRET]\"\nB = { command = [\"[ROOT]/bin/helper\"] }\n\
             [providers.outer]\nbase_url = \"https://outer.example\"\nkey_env = \"OUTER_KEY\"\nauth = \"x-api-key\"\nmodel = \"m\"\n",
        )
        .config(&format!("[env]\nKIMI_CODE_API_KEY = \"{KEY}\"\n"))
        .script("bin/helper", "env | grep -c SENTINEL || true");
    let session = |command: &'static str| {
        ["-q", "-p", "outer", "--", PROGRAM, "-q", "-p", "kimi", "sh", "-c", command]
    };
    home.run(session("echo $B")).prints("0\n");
    let with_token =
        format!("[env]\nKIMI_CODE_API_KEY = \"{KEY}\"\nC = \"$ANTHROPIC_AUTH_TOKEN\"\n");
    let home = home.config(&with_token).env("ANTHROPIC_AUTH_TOKEN", "x");
    home.run(session("echo started")).fails(
        125,
        "jackin-exec: C of global [env] ($ANTHROPIC_AUTH_TOKEN): the variable is not set\n",
    );
}

#[test]
fn no_other_variable_carries_the_chosen_key() {
    let home = sandbox()
        .env("KIMI_CODE_API_KEY", KEY)
        .env("COPY", KEY)
        .env("PART", format!("{KEY}x"))
        .config(&format!("[env]\nSCOPED = \"{KEY}\"\nOTHER = \"other\"\n"));
    let outcome = home.run(["-p", "kimi", "env"]);
    let carrying: Vec<&str> =
        outcome.stdout.lines().filter(|line| line.ends_with(&format!("={KEY}"))).collect();
    assert_eq!(carrying, [format!("ANTHROPIC_AUTH_TOKEN={KEY}")]);
    assert!(outcome.stdout.contains("PART=") && outcome.stdout.contains("OTHER=other"));
}
