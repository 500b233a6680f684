use std::process::ExitCode;

fn main() -> ExitCode {
    guanxi::main()
}
