//! inheritance
