package expenses;

import io.github.cdkstatefulmcp.McpServerCode;
import io.github.cdkstatefulmcp.StatefulMcpServer;
import java.util.Map;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.dynamodb.Attribute;
import software.amazon.awscdk.services.dynamodb.AttributeType;
import software.amazon.awscdk.services.dynamodb.TableV2;

public final class ExpensesApp {
    public static void main(String[] args) {
        App app = new App();
        Stack stack = new Stack(app, "Expenses");
        TableV2 table = TableV2.Builder.create(stack, "Expenses")
                .partitionKey(Attribute.builder().name("userAlias").type(AttributeType.STRING).build())
                .sortKey(Attribute.builder().name("expenseId").type(AttributeType.STRING).build())
                .build();
        StatefulMcpServer server = StatefulMcpServer.Builder.create(stack, "ExpenseTracker")
                .code(McpServerCode.fromTypeScript("samples/expense-tracker/server.ts"))
                .idleTimeout(Duration.minutes(15))
                .maxLifetime(Duration.hours(8))
                .environment(Map.of("TABLE_NAME", table.getTableName()))
                .build();
        table.grantReadWriteData(server.getRole());
        CfnOutput.Builder.create(stack, "Url").value(server.getUrl()).build();
        app.synth();
    }
}
