/** uv says this of packages without a wheel for the platform, whether it would build them or not. */
const WITHOUT_WHEEL =
  /no (?:usable |compatible |matching )?wheels?\b|no binary distribution|distribution or wheel|wheels are (?:available|required)|no-build|only-binary|build[^\n]* is disabled|failed to (?:download and )?build/i;

export const NO_WHEEL =
  'what has no wheel for linux/arm64 and this version of Python would have to be built there: use another version or package, another `interpreter`, or `McpServerCode.fromDockerfile`';

/** What uv says, and what there is to do. The first that fits is given. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /unexpected argument|invalid value 'pylock\.toml'|Required uv version|unsupported schema version/,
    'uv 0.6.15 or later is needed, and one that the project was made for: install it ("uv self update", "pip install --upgrade uv")',
  ],
  [
    /\b401 Unauthorized|\b403 Forbidden/,
    'give uv what the index asks for: UV_INDEX_NAME_USERNAME and UV_INDEX_NAME_PASSWORD for an index with a name, or netrc, or a keyring',
  ],
  [
    /Failed to download `[^`]*\/(?:cpython|pypy|graalpy)-|No interpreter found/,
    'install that version of Python ("uv python install"), or let uv download it',
  ],
  [
    /error sending request|dns error|tcp connect error|operation timed out|network (?:connectivity is|was) disabled/i,
    'let this machine reach the index, or name one that it can reach (UV_DEFAULT_INDEX)',
  ],
  [
    /target environment is not supported by the lockfile/,
    'let `environments` under [tool.uv] in pyproject.toml admit Linux on arm64 (aarch64), and run "uv lock"',
  ],
  [
    /requested Python version \(|Python (?:ABI|implementation) tag/,
    'choose a version of Python that the package supports by `interpreter` (`AgentCoreRuntime.PYTHON_3_14`), or another version of the package',
  ],
  [WITHOUT_WHEEL, NO_WHEEL],
  [
    /^\s*error: The build backend returned an error/m,
    'what its build backend does not tell has to be named: under [project] in pyproject.toml, or in a requirements.txt ("poetry export")',
  ],
];

/** What uv says of itself. */
const NOISE = /^\s*(?:warning: The `--pylock` |Using CPython |Resolved \d).*\n/gm;

export function lacksWheel(said: string): boolean {
  return WITHOUT_WHEEL.test(said);
}

/** What uv said, with advice that fits it, or other advice. */
export function withAdvice(said: string, otherwise: string): string {
  const [, advice = otherwise] = ADVICE.find(([pattern]) => pattern.test(said)) ?? [];
  return `${said.replace(NOISE, '')}\n${advice}`;
}
