// What unit tests need of VS Code, where there is none.
export const l10n = {
  t: (message: string, ...values: unknown[]) =>
    message.replaceAll(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)])),
};

export const LanguageStatusSeverity = { Information: 0, Warning: 1, Error: 2 };
