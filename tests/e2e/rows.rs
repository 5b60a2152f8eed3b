//! All rows, group by group.

mod redirect;
mod inherited;
mod settings;
mod managed;
mod models;
mod children;
mod plugins;
mod programs;
mod sessions;
mod terminal;
mod presets;
mod recipes;
mod gateways;
pub(crate) mod names;

use crate::row::Row;

pub(crate) fn all() -> Vec<Row> {
    [
        redirect::rows(),
        inherited::rows(),
        settings::rows(),
        managed::rows(),
        models::rows(),
        children::rows(),
        plugins::rows(),
        programs::rows(),
        sessions::rows(),
        terminal::rows(),
        presets::rows(),
        recipes::rows(),
        gateways::rows(),
        names::rows(),
    ]
    .concat()
}
