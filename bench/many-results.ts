/** A SARIF log of one run with many results over many files, as a large code base gets it. */
export function manyResults(count: number): string {
  const rules = Array.from({ length: 200 }, (_, i) => ({
    id: `rule-${i}`,
    shortDescription: { text: `rule ${i} finds something that should not be there` },
    help: { text: 'change it' },
    properties: { 'security-severity': String((i % 100) / 10), tags: ['security', `CWE-${i}`] },
  }));
  const results = Array.from({ length: count }, (_, i) => ({
    ruleId: `rule-${i % 200}`,
    ruleIndex: i % 200,
    level: i % 3 === 0 ? 'error' : 'warning',
    message: { text: `value ${i} from the request reaches a query without a check` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: {
            uri: `src/module${Math.floor(i / 100)}/file${i % 100}.ts`,
            uriBaseId: '%SRCROOT%',
          },
          region: {
            startLine: (i % 5000) + 1,
            startColumn: 5,
            endColumn: 40,
            snippet: { text: `  query(input${i}, options);` },
          },
        },
      },
    ],
    partialFingerprints: { primaryLocationLineHash: `${i.toString(16).padStart(16, '0')}:1` },
  }));
  return JSON.stringify({
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'CodeQL', semanticVersion: '2.20.0', rules } },
        artifacts: [{ location: { uri: 'src' } }],
        results,
      },
    ],
  });
}
