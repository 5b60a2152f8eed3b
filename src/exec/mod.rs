//! Becoming the command. Knows nothing of where anything came from.

mod r#become;
mod environment;

pub use r#become::COUNT;
pub use r#become::DEFAULT_PATH;
pub use r#become::candidates;
pub use r#become::exec;
pub use r#become::own_file;
pub use environment::environment;
