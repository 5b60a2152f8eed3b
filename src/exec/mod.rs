//! Becoming the command. Knows nothing of where anything came from.

mod r#become;
mod environment;
mod error;

pub use r#become::COUNT;
pub use r#become::exec;
pub use r#become::is_again;
pub use environment::environment;
pub use error::Error;
