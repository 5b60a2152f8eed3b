//! Gets a new key, or a reference to one.

use std::io::IsTerminal;

use secrecy::SecretString;

use crate::cli::AuthSet;
use crate::cli::Cli;
use crate::command::auth;
use crate::command::auth::changes::keyless;
use crate::command::auth::outcome::place;
use crate::command::auth::request::Request;
use crate::command::auth::request::Source;
use crate::command::auth::request::source;
use crate::config::EnvValue;
use crate::error::Error;
use crate::host::Host;
use crate::launch::warn;
use crate::picker::Terminal;
use crate::program;
use crate::provider::Provider;
use crate::secret;
use crate::warning::Warning;

/// The answer to a request for a key.
pub(super) enum Given {
    /// A new value.
    New(EnvValue),
    /// Nothing: the existing key stays.
    Kept,
}

/// Gets the new value of a provider's key: asks for it, reads it from stdin, or uses a reference
/// from the options. `replaces` is whether there is a key already.
pub(super) fn new_key(
    host: &Host,
    cli: &Cli,
    request: &Request<'_>,
    set: &AuthSet,
    provider: &Provider,
    replaces: bool,
) -> Result<Given, Error> {
    let Some(name) = provider.key_env() else {
        return Err(keyless(request, provider).into());
    };
    let name = name.as_str();
    let new = NewKey { cli, provider, name };
    let secret = match source(set, host.current_directory())? {
        Source::Reference(value) => {
            warn(&out_of_reach(host, &value), cli);
            return Ok(Given::New(value));
        }
        Source::Stdin if !std::io::stdin().is_terminal() => {
            new.checked(&secret::read(std::io::stdin(), "stdin", name)?)?
        }
        Source::Stdin | Source::Terminal => match new.ask(host, request, replaces)? {
            Some(secret) => secret,
            None => return Ok(Given::Kept),
        },
    };
    Ok(Given::New(EnvValue::Literal(secret)))
}

/// Warns about a reference whose file or helper program does not exist. It is not an error, because
/// it can still be created or installed.
fn out_of_reach(host: &Host, value: &EnvValue) -> Vec<Warning> {
    let helper = match value {
        EnvValue::File(path) if !path.is_file() => {
            return vec![Warning::NoKeyFile { path: path.clone() }];
        }
        EnvValue::Op { .. } => "op",
        EnvValue::Command(helper) => match helper.argv.first() {
            Some(program) => program,
            None => return Vec::new(),
        },
        EnvValue::Empty | EnvValue::Literal(_) | EnvValue::HostVar(_) | EnvValue::File(_) => {
            return Vec::new();
        }
    };
    if program::find(helper.as_ref(), &host.environment).is_some() {
        return Vec::new();
    }
    vec![Warning::NoHelper { program: helper.to_owned() }]
}

/// How often a person is asked for one key.
const TRIES: usize = 3;

/// A key that a person gives.
struct NewKey<'a> {
    cli: &'a Cli,
    provider: &'a Provider,
    /// Its variable.
    name: &'a str,
}

impl NewKey<'_> {
    /// Asks for the key on the terminal, and again if it cannot be one; `None` if the existing key
    /// stays.
    fn ask(
        &self,
        host: &Host,
        request: &Request<'_>,
        replaces: bool,
    ) -> Result<Option<SecretString>, Error> {
        let terminal = Terminal::find(host.stderr_is_terminal, host.environment.text("TERM"));
        let Some(terminal) = terminal else {
            return Err(auth::Error::NobodyToAsk { key: self.name.to_owned() }.into());
        };
        let place = place(request.target.names());
        let keeps = if replaces { "; Enter keeps the one that is there" } else { "" };
        let question = format!("{} for {place} (not shown{keeps})", self.name);
        // The page goes on a line of its own, so that the question still fits on one.
        let mut page = match self.provider.key_page() {
            Some(page) if !replaces => format!("get a key at {page}\njackin-exec: "),
            _ => String::new(),
        };
        let mut left = TRIES;
        loop {
            left -= 1;
            let bytes = terminal.ask_hidden(&format!("{page}{question}"))?;
            if bytes.trim_ascii().is_empty() && replaces {
                return Ok(None);
            }
            match self.understood(bytes) {
                Err(error) if left > 0 => error.say(),
                answer => return answer.map(Some),
            }
            page.clear();
        }
    }

    /// The key in what was typed.
    fn understood(&self, bytes: Vec<u8>) -> Result<SecretString, Error> {
        match secret::text(bytes) {
            Ok(secret) => self.checked(&secret),
            Err(reason) => Err(secret::Error::Key { key: self.name.to_owned(), reason }.into()),
        }
    }

    /// The key without what surrounds it. Refuses what cannot be a key, and warns about what does
    /// not look like one.
    fn checked(&self, given: &SecretString) -> Result<SecretString, Error> {
        // No key begins or ends with a blank, but copied text often does.
        let secret = secret::trimmed(given);
        if let Some(option) = secret::reference_option(&secret) {
            return Err(auth::Error::KeyIsReference { option }.into());
        }
        let (keys_of, mut warnings) = (self.provider.keys_of, Vec::new());
        if let Err(reason) = secret::check_pasted(&secret, self.name, keys_of, &mut warnings) {
            return Err(secret::Error::Key { key: self.name.to_owned(), reason }.into());
        }
        warn(&warnings, self.cli);
        Ok(secret)
    }
}
