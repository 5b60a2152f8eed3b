//! The redirect itself: one prompt, one request, the right host, key, model and window.

use crate::provider::KIMI;
use crate::provider::MINIMAX;
use crate::provider::OWN;
use crate::provider::Provider;
use crate::provider::ZAI;
use crate::row::Also;
use crate::row::Row;
use crate::row::When;

const GROUP: &str = "redirect";

const ANSWER: &str = "hi from the mock,\n  grüße — 你好\u{7}\n";

const NOTICE: &str = "the default model needs the switch with which the client prints this notice";

pub(crate) fn rows() -> Vec<Row> {
    let default = |provider: &'static Provider| {
        let claim = format!("{} gets the one prompt of claude -p", provider.id);
        once(provider, claim)
    };
    let tier = |provider: &'static Provider, alias, id| {
        let claim = format!("--model {alias} asks {} for {id}", provider.id);
        once(provider, claim)
            .args(["--model", alias])
            .also(Also::Model(id))
            // A notice about a limit of 200,000 tokens, which does not hold.
            .also(Also::Unsaid("isn't enforced"))
    };
    let window = |provider: &'static Provider| {
        let claim = format!("{} is used with a window of {} tokens", provider.id, provider.window);
        once(provider, claim).args(["--output-format", "json"]).also(Also::Window(provider.window))
    };
    // Whichever model the user picks, by its alias or by its id, in a provider of one window.
    let picked = |provider: &'static Provider, model| {
        let claim = format!("--model {model} keeps the window of {}", provider.id);
        once(provider, claim)
            .args(["--model", model, "--output-format", "json"])
            .also(Also::Window(provider.window))
            .also(Also::Never(if provider.window < 1_000_000 { "context-1m" } else { "PLANTED" }))
    };
    let [kimi, glm, flash, m3] = ["kimi-for-coding", "glm-5.3", "glm-5.3-flash", "MiniMax-M3"];
    vec![
        default(&KIMI).also(Also::OneProcess).also(Also::Unsaid("isn't enforced")),
        tier(&KIMI, "fable", kimi),
        tier(&KIMI, "opus", kimi),
        tier(&KIMI, "sonnet", kimi),
        tier(&KIMI, "haiku", kimi),
        tier(&KIMI, "opusplan", kimi),
        tier(&KIMI, "best", kimi),
        tier(&KIMI, "default", kimi).red(When::Always, NOTICE),
        window(&KIMI),
        default(&ZAI),
        tier(&ZAI, "fable", glm),
        tier(&ZAI, "opus", glm),
        tier(&ZAI, "sonnet", glm),
        tier(&ZAI, "haiku", flash),
        window(&ZAI),
        default(&MINIMAX),
        tier(&MINIMAX, "fable", m3),
        tier(&MINIMAX, "opus", m3),
        tier(&MINIMAX, "sonnet", m3),
        tier(&MINIMAX, "haiku", m3),
        window(&MINIMAX),
        picked(&KIMI, "fable"),
        picked(&KIMI, "opus"),
        picked(&KIMI, "sonnet"),
        picked(&KIMI, "haiku"),
        picked(&KIMI, "opusplan"),
        picked(&KIMI, "best"),
        picked(&KIMI, "default"),
        picked(&KIMI, kimi),
        picked(&ZAI, "opus"),
        picked(&ZAI, "haiku"),
        picked(&ZAI, "opusplan"),
        picked(&ZAI, "default"),
        picked(&OWN, "opus"),
        picked(&OWN, "own-model"),
        default(&OWN),
        once(&KIMI, "an answer comes through byte for byte".to_owned())
            .says(ANSWER)
            .also(Also::Stdout(ANSWER)),
        once(&KIMI, "-m asks for one model in every tier".to_owned())
            .options(["-m", "kimi-for-coding"])
            .args(["--model", "haiku"]),
        moved(&KIMI, "a 307 of the provider takes the prompt along, and no bearer token"),
        moved(&OWN, "a 307 of the provider does not take a key in x-api-key along")
            .red(When::Always, "the client drops authorization on the way, and keeps x-api-key"),
    ]
}

/// A provider that sends its users to another host.
fn moved(provider: &'static Provider, claim: &str) -> Row {
    Row::new(GROUP, provider, claim)
        .moves(provider.host, "https://elsewhere.example/v1/messages")
        .also(Also::Follows("elsewhere.example"))
        .also(Also::Reached("elsewhere.example"))
        .also(Also::AnyEnd)
}

fn once(provider: &'static Provider, claim: String) -> Row {
    Row::new(GROUP, provider, claim).also(Also::Prompts(1))
}
