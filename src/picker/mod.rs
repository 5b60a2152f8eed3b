//! Asking the user on the terminal. Reads byte by byte and never more than the answer: type-ahead
//! belongs to the command.

mod error;
mod keyboard;
mod menu;
mod checklist;
mod terminal;

pub use error::Error;
pub use menu::Item;
pub use terminal::Terminal;
