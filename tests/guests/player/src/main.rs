//! A party of random graphs in a guest. It does what it is told, see `tests/player`, until the host ends the connection.

use ww_player::Obedient;

fn main() -> std::process::ExitCode {
    ww_guest::run(ww_guest::serve(Obedient::client(ww_guest::membrane())))
}
