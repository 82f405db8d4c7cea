import { AssemblyLog } from '../../../../lambda/image-assembler/common/assembly-log';
import { environmentFor } from '../../../../lambda/image-assembler/assembly/environment';
import { HttpTransport } from '../../../../lambda/common/http-transport';
import { requestWith } from '../requests';

test('what a function that is up has learned is there for its next assembly', () => {
  const transport = new HttpTransport();
  const [first, next] = [requestWith(), requestWith()].map(request =>
    environmentFor(request, transport, new AssemblyLog()),
  );
  first?.memory.addLayers('registry.test/own', [{ mediaType: 'layer', digest: 'sha256:1', size: 1 }]);
  expect(next?.memory.hasLayer('registry.test/own', 'sha256:1')).toBe(true);
  transport.close();
});
