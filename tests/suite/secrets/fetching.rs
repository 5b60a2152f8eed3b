//! What is fetched, in which order, and how many at a time.

use crate::support::sandbox;

#[test]
fn a_variable_that_is_not_utf_8_is_an_error() {
    use std::os::unix::ffi::OsStrExt;
    let home = sandbox()
        .config("[env]\nA = \"$BYTES\"\n")
        .env("BYTES", std::ffi::OsStr::from_bytes(b"SENTINEL-sk-kimi-0123456789\xff"));
    home.run(["true"])
        .fails(125, "jackin-exec: A of global [env] ($BYTES): the value is not UTF-8\n");
}

/// A helper that meets others. `meet NAME COUNT` stays until so many have come, and notes whether
/// they came, whether it saw more than eight at once, and in whose process group it is.
const MEET: &str = r#"
mkdir -p "$HOME/now" "$HOME/came" "$HOME/seen"
: > "$HOME/now/$1"
: > "$HOME/came/$1"
number() { ls "$HOME/$1" | wc -l; }
turns=0
while [ "$(number came)" -lt "$2" ] && [ "$turns" -lt 1000 ]; do sleep 0.01; turns=$((turns + 1)); done
sleep 0.1
if [ "$(number came)" -ge "$2" ]; then met=met; else met=missed; fi
if [ "$(number now)" -le 8 ]; then many=few; else many=many; fi
group() { sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 3; }
if [ "$(group $$)" = "$(group $PPID)" ]; then group=ours; else group=own; fi
printf '%s %s %s of %s\n' "$met" "$many" "$group" "$(number came)" > "$HOME/seen/$1"
rm "$HOME/now/$1"
echo "value of $1""#;

#[test]
fn the_first_helper_runs_alone_and_the_others_up_to_eight_at_a_time() {
    let command = |name: &str, count: u32| {
        format!("{name} = {{ command = [\"meet\", \"{name}\", \"{count}\"] }}\n")
    };
    // None of the eight that follow the first leaves before all of them have come.
    let mut counts = vec![("A", 1)];
    counts.extend(["B", "C", "D", "E", "F", "G", "H", "I"].map(|name| (name, 9)));
    counts.extend([("J", 1), ("K", 1)]);
    let text: String = counts.iter().map(|(name, count)| command(name, *count)).collect();
    let home = sandbox().script("bin/meet", MEET).path_first("bin").exec(&format!("[env]\n{text}"));
    home.run(["sh", "-c", "echo \"$A,$B,$K\""]).prints("value of A,value of B,value of K\n");
    let seen = |name: &str| home.read(&format!("home/seen/{name}"));
    // When the first was about to leave, nobody else had come.
    assert_eq!(seen("A"), "met few ours of 1\n");
    for name in ["B", "C", "D", "E", "F", "G", "H", "I", "J", "K"] {
        assert!(seen(name).starts_with("met few own of "), "{name}: {}", seen(name));
    }
}

#[test]
fn the_providers_key_is_fetched_first() {
    let home = sandbox()
        .op()
        .script(
            "bin/op",
            "for reference; do :; done; echo \"$reference\" >> \"$HOME/order\"; echo sk-kimi-x",
        )
        .config("[env]\nA = \"op://v/i/a\"\nKIMI_CODE_API_KEY = \"op://v/i/key\"\n");
    home.run(["-p", "kimi", "true"]).prints("");
    assert_eq!(home.read("home/order"), "op://v/i/key\nop://v/i/a\n");
}

#[test]
fn only_what_is_used_is_fetched() {
    let helper = |name: &str| format!("{name} = {{ command = [\"note\", \"{name}\"] }}\n");
    let names = [
        "A",
        "ANTHROPIC_BASE_URL",
        "CLAUDE_CODE_USE_BEDROCK",
        "KIMI_CODE_API_KEY",
        "LD_PRELOAD",
        "ZAI_API_KEY",
    ];
    let text: String = names.map(helper).concat();
    let home = sandbox()
        .script("bin/note", "echo \"$1\" >> \"$HOME/noted\"; echo sk-kimi-x")
        .path_first("bin")
        .exec(&format!("[env]\n{text}[workspaces.w.env]\nA = \"hidden by this\"\n"))
        .workspace("w", "");
    let fetched = |arguments: &[&str]| {
        home.write("home/noted", "", 0o600);
        assert_eq!(home.run(["-q"].iter().chain(arguments)).status, 0);
        let text = home.read("home/noted");
        let mut lines: Vec<&str> = text.lines().collect();
        lines.sort_unstable();
        lines.join(" ")
    };
    // The redirect's own names, another provider's key and host-changing names are not fetched.
    assert_eq!(fetched(&["-p", "kimi", "true"]), "A KIMI_CODE_API_KEY");
    assert_eq!(fetched(&["-p", "kimi", "-w", "w", "true"]), "KIMI_CODE_API_KEY");
    assert_eq!(
        fetched(&["-p", "anthropic", "true"]),
        "A ANTHROPIC_BASE_URL CLAUDE_CODE_USE_BEDROCK"
    );
    assert_eq!(fetched(&["-p", "kimi", "--pass-keys", "true"]), "A KIMI_CODE_API_KEY ZAI_API_KEY");
    assert_eq!(fetched(&["-p", "kimi", "--dry-run"]), "");
    assert_eq!(fetched(&["-p", "kimi", "--dry-run", "--json"]), "");
    assert_eq!(fetched(&["providers"]), "");
}
