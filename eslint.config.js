// Rules that formatting and the compiler cannot see. test/tidy/eslint-rules.test.ts plants a violation
// of each house rule below and expects it to be reported.
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

const sizes = {
  "max-lines": ["error", { max: 500, skipComments: true, skipBlankLines: true }],
  "max-lines-per-function": ["error", { max: 70, skipComments: true, skipBlankLines: true }],
  "max-params": ["error", 3],
};

const noEmptyCatch = {
  selector: "CatchClause > BlockStatement[body.length=0]",
  message: "an empty catch hides a failure: handle it, count it or let it through",
};

// The environment and the command line are read in one place, so that a setting has one name and one
// default. Everybody else is given a config.
const processSettings =
  "only src/server/config and src/bin read the environment and the command line";
const settingNames = "/^(env|argv)$/";
const noProcessSettings = [
  `MemberExpression[object.name='process'][property.name=${settingNames}]`,
  `MemberExpression[object.name='process'][property.value=${settingNames}]`,
  `MemberExpression[object.property.name='process'][property.name=${settingNames}]`,
  `VariableDeclarator[init.name='process'] > ObjectPattern > Property[key.name=${settingNames}]`,
  `ImportDeclaration[source.value=/^(node:)?process$/] > ImportSpecifier[imported.name=${settingNames}]`,
].map((selector) => ({ selector, message: processSettings }));

const synchronous = "the core is synchronous: return the work and let the shell do it";
const coreOnly = [
  { selector: ":function[async=true]", message: synchronous },
  { selector: ":function[generator=true][async=true]", message: synchronous },
  { selector: "AwaitExpression", message: synchronous },
  { selector: "ForOfStatement[await=true]", message: synchronous },
  { selector: "TSTypeReference[typeName.name='Promise']", message: synchronous },
  { selector: "ImportExpression", message: synchronous },
  {
    selector:
      "MemberExpression[object.name='Math']:not([property.name=/^(min|max|floor|ceil|trunc|abs|imul|clz32)$/])",
    message: "only maths with one answer on every machine, and no chance: Random is handed in",
  },
  {
    selector: "MemberExpression[property.name=/^(localeCompare|toLocale.*)$/]",
    message: "a locale differs between servers: compare bytes",
  },
];
const coreGlobals = [
  ["Date", "the core has no clock: it is told about time"],
  ["Promise", synchronous],
  ["Intl", "a locale differs between servers"],
  ["globalThis", "the core sees what it is handed, nothing else"],
  ["WeakRef", "the garbage collector is not deterministic"],
  ["FinalizationRegistry", "the garbage collector is not deterministic"],
].map(([name, message]) => ({ name, message }));

// The rooms that the simulator runs: time and chance are handed in as Clock and Random (src/base).
const handedIn =
  "time and chance are handed in (Clock, Random of src/base): the simulator runs this code";
const ambientGlobals = [
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "performance",
].map((name) => ({ name, message: handedIn }));
const ambientCalls = [
  "CallExpression > MemberExpression[object.name='Date'][property.name='now']",
  "NewExpression[callee.name='Date'][arguments.length=0]",
  "MemberExpression[object.name='Math'][property.name='random']",
  "ImportDeclaration[source.value=/^node:timers/]",
].map((selector) => ({ selector, message: handedIn }));

const restrict = (...selectors) => ({ "no-restricted-syntax": ["error", ...selectors.flat()] });

export default defineConfig(
  {
    ignores: ["dist/**", "coverage/**", "src/gen/**", "src/console/**", "*.config.js", "**/*.cjs"],
  },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname },
    },
  },
  {
    rules: {
      eqeqeq: "error",
      "no-self-compare": "error",
      "no-unsafe-finally": "error",
      "no-useless-catch": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: "only-allowed-literals" },
      ],
      // There are no enums here (erasableSyntaxOnly): the rule is only slow.
      "@typescript-eslint/no-unsafe-enum-assignment": "off",
      // Nearly all classes here have #private members: the compiler itself refuses a look-alike, for less time.
      "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { requireDefaultForNonUnion: true },
      ],
    },
  },
  {
    files: ["src/**", "bench/**"],
    rules: { ...sizes, "@typescript-eslint/strict-boolean-expressions": "error" },
  },
  {
    files: ["src/**"],
    rules: { "no-console": "error", ...restrict(noEmptyCatch, noProcessSettings) },
  },
  {
    files: ["src/server/config/**", "src/bin/**"],
    rules: restrict(noEmptyCatch),
  },
  {
    files: ["src/{replica,registry,resources,distribution}/**"],
    rules: {
      "no-restricted-globals": ["error", ...ambientGlobals],
      ...restrict(noEmptyCatch, noProcessSettings, ambientCalls),
    },
  },
  {
    files: ["src/{base,raft,placement,state}/**"],
    rules: {
      "no-restricted-globals": ["error", ...coreGlobals],
      ...restrict(noEmptyCatch, noProcessSettings, coreOnly),
      "@typescript-eslint/require-array-sort-compare": "error",
    },
  },
  {
    // Tests speak to a known world: what is asserted there may be written shorter.
    files: ["test/**"],
    rules: {
      "@typescript-eslint/no-empty-function": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/unbound-method": "off",
    },
  },
  {
    // Plain programs that tests and benchmarks start as jobs: no compiler looks at them.
    files: ["**/*.{js,mjs}"],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { "@typescript-eslint/strict-boolean-expressions": "off" },
  },
);
