//! What the developer tasks and the house test share: where the workspace is, and the rules that its
//! crates and files keep. The tasks themselves are in the program, `main.rs`.

pub mod house;
pub mod workspace;
