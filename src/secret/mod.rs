//! Fetching the values that a plan needs: literals, variables, files, `op` and commands. How the
//! plan was made does not matter here.
//!
//! A value is a `SecretString` from the moment its bytes are complete.

mod error;
mod key;
mod fetch;
mod job;
mod pasted;

pub use error::Error;
pub use error::Failure;
pub use error::Reason;
pub use fetch::Circumstances;
pub use fetch::are_same;
pub use fetch::fetch;
pub use fetch::is_for_a_shell;
pub use fetch::judge_key;
pub use fetch::read;
pub use fetch::reference_option;
pub use fetch::text;
pub use key::check_key;
pub use pasted::check_pasted;
pub use pasted::is_masked;
pub use pasted::is_placeholder;
pub use pasted::trimmed;
