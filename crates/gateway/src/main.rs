use std::process::ExitCode;

fn main() -> ExitCode {
    chassis::main(&gateway::SERVICE)
}
