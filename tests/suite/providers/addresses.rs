//! Providers on this machine, and plain http.

use crate::providers::received;
use crate::pty::Terminal;
use crate::support::SENTINEL;
use crate::support::Sandbox;
use crate::support::sandbox;

#[test]
fn a_loopback_endpoint_is_reached_around_proxies_whatever_an_outer_session_says() {
    let home = sandbox()
        .exec("[providers.ollama]\nbase_url = \"http://localhost:11434\"\nkey = false\nmodel = \"qwen\"\n")
        .env("NO_PROXY", "a.example, localhost")
        .env("no_proxy", "a.example")
        .env("JACKIN_EXEC_NAMES", "NO_PROXY,no_proxy");
    let received = received(&home, &["-p", "ollama"]);
    assert_eq!(received.get("NO_PROXY").map(String::as_str), Some("a.example, localhost"));
    assert_eq!(received.get("no_proxy").map(String::as_str), Some("a.example,localhost"));
}

#[test]
fn plain_http_leaves_this_machine_without_a_key_or_where_exec_toml_says_so() {
    let own = |rest: &str| {
        let text =
            format!("[providers.own]\nbase_url = \"http://ollama:11434\"\nmodel = \"m\"\n{rest}");
        sandbox().exec(&text).env("OWN_KEY", SENTINEL)
    };
    let url = ["-p", "own", "sh", "-c", "echo $ANTHROPIC_BASE_URL"];
    own("key_env = \"OWN_KEY\"\n").run(url).fails(
        125,
        "jackin-exec: [ROOT]/home/.config/jackin/exec.toml:2:12: expected https://, because the key would \
         be sent unencrypted; or key = false, or insecure = true\n",
    );
    own("key = false\n").run(url).prints("http://ollama:11434\n");
    let insecure = own("key_env = \"OWN_KEY\"\ninsecure = true\n");
    // On a terminal, each launch says that what it sends can be read on the way.
    let launch_line = |home: &Sandbox| {
        let words = ["-p", "own", "true"];
        let mut terminal = Terminal::open().start(&home.launch().words(words));
        assert_eq!(terminal.end(), "exit 0");
        terminal.text().trim_end().to_owned()
    };
    assert_eq!(launch_line(&insecure), "jackin-exec: Claude (own); plain http");
    assert_eq!(launch_line(&own("key = false\n")), "jackin-exec: Claude (own); plain http");
    for url in ["https://ollama", "http://127.0.0.1:9"] {
        let text = format!("[providers.own]\nbase_url = \"{url}\"\nmodel = \"m\"\nkey = false\n");
        let line = launch_line(&sandbox().exec(&text));
        assert!(line.ends_with("jackin-exec: Claude (own)"), "{line}");
    }
    insecure.run(url).prints("http://ollama:11434\n");
    let doctor = insecure.run(["doctor", "--json"]);
    assert!(doctor.stdout.contains("own: OWN_KEY is sent to ollama unencrypted"), "{doctor:#?}");
    doctor.shows_no_secret();
    let doctor = own("key = false\n").run(["doctor", "--json"]);
    assert!(!doctor.stdout.contains("in clear"), "{doctor:#?}");
}

#[test]
fn base_urls_of_this_machine_may_be_plain() {
    for url in [
        "http://localhost",
        "http://127.0.0.1:8080/x",
        "http://[::1]:4000",
        "http://LOCALHOST:1",
        "https://example.com",
    ] {
        let home = sandbox()
            .exec(&format!("[providers.x]\nbase_url = \"{url}\"\nkey = false\nmodel = \"m\"\n"));
        home.run(["-q", "-p", "x", "true"]).prints("");
    }
}

/// A port of this machine at which nobody listens.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn a_provider_on_this_machine_that_is_not_there_is_reported_before_the_client_tries_it() {
    let home = |host: &str, port: u16| {
        sandbox().exec(&format!(
            "[providers.x]\nlabel = \"Router\"\nbase_url = \"http://{host}:{port}\"\nkey = false\nmodel = \"m\"\n"
        ))
    };
    let port = free_port();
    for host in ["127.0.0.1", "localhost"] {
        let words = format!(
            "jackin-exec: warning: nothing listens at 127.0.0.1:{port}, where Router should be\n"
        );
        home(host, port).run(["-p", "x", "echo", "started"]).is(0, "started\n", &words);
        // Nobody is asked where nothing is started.
        let outcome = home(host, port).run(["-p", "x", "--dry-run"]);
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""));
    }
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    for host in ["127.0.0.1", "localhost"] {
        home(host, port).run(["-p", "x", "echo", "started"]).is(0, "started\n", "");
    }
}
