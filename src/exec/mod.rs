//! Becoming the command by `execve`. Independent of where the values come from.

mod r#become;
mod environment;
mod error;

pub use r#become::COUNT;
pub use r#become::exec;
pub use r#become::is_again;
pub use environment::environment;
pub use error::Error;
