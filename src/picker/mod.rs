//! Asking the user on the terminal. Reads byte by byte and never more than the answer: type-ahead
//! belongs to the command.

mod error;
mod keyboard;
mod menu;
mod checklist;
mod terminal;

pub(crate) use error::Error;
pub(crate) use menu::Item;
pub(crate) use terminal::Terminal;
