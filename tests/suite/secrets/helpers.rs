//! Which programs are run for a value, and how.

use crate::support::SENTINEL;
use crate::support::sandbox;

#[test]
fn op_is_called_exactly_so_and_sees_no_key() {
    let home = sandbox()
        .op()
        .config(
            "[env]\nA = \"op://Vault of mine/item/field\"\n\
             B = { op = \"op://v/i/s/f?attribute=otp\", path = \"p\", account = \"team.1password.com\" }\n",
        )
        .env("KIMI_CODE_API_KEY", SENTINEL)
        .env("ZAI_API_KEY", SENTINEL)
        .env("ANTHROPIC_API_KEY", SENTINEL)
        .env("ANTHROPIC_AUTH_TOKEN", SENTINEL)
        .env("OP_SERVICE_ACCOUNT_TOKEN", "ops_token");
    home.run(["-p", "anthropic", "sh", "-c", "echo $A,$B"])
        .prints("from op://Vault of mine/item/field,from op://v/i/s/f?attribute=otp\n");
    assert_eq!(
        home.op_calls("argv"),
        [
            "--account team.1password.com read -- op://v/i/s/f?attribute=otp\n",
            "read -- op://Vault of mine/item/field\n"
        ]
    );
    assert_eq!(home.op_calls("stdin"), ["/dev/null\n", "/dev/null\n"]);
    for environment in home.op_calls("env") {
        assert!(!environment.contains(SENTINEL), "{environment}");
        assert!(environment.contains("OP_SERVICE_ACCOUNT_TOKEN=ops_token\n"), "{environment}");
    }
}

#[test]
fn helpers_are_found_in_absolute_entries_of_path_only() {
    let home =
        sandbox().op().script("here/bin/op", "echo wrong").config("[env]\nA = \"op://v/i/f\"\n");
    let right = home.path("bin");
    for entries in ["bin:RIGHT", ".:RIGHT", ":RIGHT", "./bin:RIGHT"] {
        let path = entries.replace("RIGHT", &format!("{}:/usr/bin:/bin", right.display()));
        let output =
            home.command().env("PATH", path).args(["sh", "-c", "echo $A"]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "from op://v/i/f\n", "{entries}");
    }
    home.env("PATH", "bin:.:").run(["true"]).fails(
        125,
        "jackin-exec: A of global [env] (op://v/i/f): op is not in PATH (relative entries are skipped)\n\
         hint: install 1Password's command-line tool, or put its folder into PATH\n",
    );
}

#[test]
fn without_path_helpers_are_looked_for_where_the_system_has_them() {
    let home = sandbox().exec("[env]\nA = { command = [\"echo\", \"x\"] }\n").env_remove("PATH");
    home.run(["/bin/sh", "-c", "echo $A"]).prints("x\n");
}
