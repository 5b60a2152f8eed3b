//! The files of the configuration: which, under which lock, with which permissions; and how they are changed.

pub mod load;
pub mod edit;
