fn main() -> std::process::ExitCode {
    chassis::main(&complaints::SERVICE)
}
